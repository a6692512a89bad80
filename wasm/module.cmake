# parley.wasm, by the wasm preset: the core, abi.c and cJSON in one module without any import.
set(cjson_dir "${PARLEY_CJSON_SOURCE_DIR}")
if(NOT cjson_dir)
  set(cjson_dir "${PROJECT_SOURCE_DIR}/build/deps/cjson")
  if(NOT EXISTS "${cjson_dir}/cJSON.c")
    execute_process(COMMAND "${PROJECT_SOURCE_DIR}/tools/fetch-cjson" COMMAND_ERROR_IS_FATAL ANY)
  endif()
endif()
if(NOT EXISTS "${cjson_dir}/cJSON.c")
  message(FATAL_ERROR "No cJSON.c in ${cjson_dir} (PARLEY_CJSON_SOURCE_DIR)")
endif()

# Our code says <cjson/cJSON.h>, as Debian's package has it.
configure_file("${cjson_dir}/cJSON.h" "${PROJECT_BINARY_DIR}/include/cjson/cJSON.h" COPYONLY)

add_library(cjson_for_wasm OBJECT "${cjson_dir}/cJSON.c")
set(cjson_numbers "${CMAKE_CURRENT_SOURCE_DIR}/cjson_numbers.h")
if(EXISTS "${cjson_numbers}")
  # Integer-only numbers: strtod would be a large part of the module.
  target_compile_options(cjson_for_wasm PRIVATE -include "${cjson_numbers}")
  set_source_files_properties("${cjson_dir}/cJSON.c" TARGET_DIRECTORY cjson_for_wasm
                              PROPERTIES OBJECT_DEPENDS "${cjson_numbers}")
endif()

add_executable(parley ${wire_sources} ${core_sources} ${module_sources}
               $<TARGET_OBJECTS:cjson_for_wasm>)
target_include_directories(parley PRIVATE . "${PROJECT_BINARY_DIR}/include")
parley_target_flags(parley)

# Measured with brotli: -Oz 20.0 KB, -O2 21.2, -Oz with LTO 19.1, and with emmalloc 17.1.
set(optimise -Oz -flto)
foreach(target parley cjson_for_wasm)
  target_compile_options(${target} PRIVATE ${optimise})
endforeach()
target_link_options(parley PRIVATE
  ${optimise}
  -sSTANDALONE_WASM --no-entry -sMALLOC=emmalloc
  -sALLOW_MEMORY_GROWTH=1 -sMAXIMUM_MEMORY=64MB
  -sERROR_ON_UNDEFINED_SYMBOLS=1)
set_target_properties(parley PROPERTIES
  SUFFIX .wasm RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")

find_program(NODE NAMES node nodejs REQUIRED)
add_custom_command(TARGET parley POST_BUILD
  COMMAND "${NODE}" "${PROJECT_SOURCE_DIR}/tools/check-wasm.mjs" "$<TARGET_FILE:parley>"
  VERBATIM)
