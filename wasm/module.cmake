# parley.wasm, by the wasm preset: the core, abi.c and cJSON in one module without any import.
add_executable(parley abi.c)
# The order decides where functions lie: this one packs best (brotli: 0.12 KB less).
target_link_libraries(parley PRIVATE wasm_io wasm_mesh wasm_wire wasm_view parley_core wasm_log
                      wasm_signaling wasm_base)
parley_target_flags(parley)
target_link_options(parley PRIVATE
  -Oz -flto
  -sSTANDALONE_WASM --no-entry -sMALLOC=emmalloc
  -sALLOW_MEMORY_GROWTH=1 -sMAXIMUM_MEMORY=64MB
  -sERROR_ON_UNDEFINED_SYMBOLS=1)
set_target_properties(parley PROPERTIES
  SUFFIX .wasm RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")

# emcc leaves some 0.3 KB that another round finds; wasm-opt comes with it. What is hardly longer than a
# call of it (5) is put in its place: this packs best.
find_program(WASM_OPT NAMES wasm-opt REQUIRED)
find_program(NODE NAMES node nodejs REQUIRED)
function(parley_finish_module target)
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND "${WASM_OPT}" -Oz --converge --always-inline-max-function-size=5
            "$<TARGET_FILE:${target}>" -o "$<TARGET_FILE:${target}>"
    COMMAND "${NODE}" "${PROJECT_SOURCE_DIR}/tools/check-wasm.mjs" "$<TARGET_FILE:${target}>"
    VERBATIM)
endfunction()
parley_finish_module(parley)
