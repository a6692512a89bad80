# Run by the native builds (cmake -P): builds the modules with the wasm preset. Under a lock, since
# the native presets share it; configures only once, so that a build with nothing to do is quick.
# Variables: SOURCE_DIR (the checkout); CJSON_SOURCE_DIR, LIBSODIUM_SOURCE_DIR (may be empty: the
# default).
function(run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${SOURCE_DIR}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

set(build_dir "${SOURCE_DIR}/build/wasm")
set(configured_for "${build_dir}/configured-for")
file(MAKE_DIRECTORY "${build_dir}")
file(LOCK "${build_dir}/lock" TIMEOUT 600)

file(SHA256 "${SOURCE_DIR}/CMakePresets.json" presets_hash)
set(wanted "cjson: ${CJSON_SOURCE_DIR}, libsodium: ${LIBSODIUM_SOURCE_DIR}, presets: ${presets_hash}")
set(previous "never configured")
if(EXISTS "${configured_for}" AND EXISTS "${build_dir}/build.ninja")
  file(READ "${configured_for}" previous)
endif()
if(NOT previous STREQUAL wanted)
  run("${CMAKE_COMMAND}" --fresh --preset wasm "-DPARLEY_CJSON_SOURCE_DIR=${CJSON_SOURCE_DIR}"
      "-DPARLEY_LIBSODIUM_SOURCE_DIR=${LIBSODIUM_SOURCE_DIR}")
  file(WRITE "${configured_for}" "${wanted}")
endif()
run("${CMAKE_COMMAND}" --build --preset wasm)
