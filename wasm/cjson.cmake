# cJSON for the module, from its source: the target cjson.
parley_debian_source(cjson cJSON.c cjson_dir)

# Our code says <cjson/cJSON.h>, as Debian's package has it.
configure_file("${cjson_dir}/cJSON.h" "${PROJECT_BINARY_DIR}/include/cjson/cJSON.h" COPYONLY)

add_library(cjson STATIC "${cjson_dir}/cJSON.c")
set(cjson_numbers "${CMAKE_CURRENT_SOURCE_DIR}/base/cjson_numbers.h")
if(EXISTS "${cjson_numbers}")
  # Integer-only numbers: strtod would be a large part of the module.
  target_compile_options(cjson PRIVATE -include "${cjson_numbers}")
  set_source_files_properties("${cjson_dir}/cJSON.c" TARGET_DIRECTORY cjson
                              PROPERTIES OBJECT_DEPENDS "${cjson_numbers}")
endif()
target_include_directories(cjson PUBLIC "${PROJECT_BINARY_DIR}/include")
