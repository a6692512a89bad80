# Libraries that the WASM build compiles from the source of their Debian package.

# parley_debian_source(PACKAGE FILE OUT): sets OUT to the folder with the source of PACKAGE, in which
# there is FILE: what PARLEY_PACKAGE_SOURCE_DIR names, or what tools/fetch-source brings.
function(parley_debian_source package file out)
  string(TOUPPER "PARLEY_${package}_SOURCE_DIR" option)
  set(dir "${${option}}")
  if(NOT dir)
    set(dir "${PROJECT_SOURCE_DIR}/build/deps/${package}")
    if(NOT EXISTS "${dir}/${file}")
      execute_process(COMMAND "${PROJECT_SOURCE_DIR}/tools/fetch-source" "${package}"
                      COMMAND_ERROR_IS_FATAL ANY)
    endif()
  endif()
  if(NOT EXISTS "${dir}/${file}")
    message(FATAL_ERROR "No ${file} in ${dir} (${option})")
  endif()
  set(${out} "${dir}" PARENT_SCOPE)
endfunction()
