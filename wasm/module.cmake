# parley.wasm, by the wasm preset: the core, abi.c and cJSON in one module without any import.
add_executable(parley abi.c)
target_link_libraries(parley PRIVATE parley_core)
parley_target_flags(parley)
target_link_options(parley PRIVATE
  -Oz -flto
  -sSTANDALONE_WASM --no-entry -sMALLOC=emmalloc
  -sALLOW_MEMORY_GROWTH=1 -sMAXIMUM_MEMORY=64MB
  -sERROR_ON_UNDEFINED_SYMBOLS=1)
set_target_properties(parley PROPERTIES
  SUFFIX .wasm RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")

find_program(NODE NAMES node nodejs REQUIRED)
add_custom_command(TARGET parley POST_BUILD
  COMMAND "${NODE}" "${PROJECT_SOURCE_DIR}/tools/check-wasm.mjs" "$<TARGET_FILE:parley>"
  VERBATIM)
