# Compiles and archives with the tools that emcc and emar would start. These are in Python, whose
# start takes four times as long as compiling one of our files. emcc still links.
cmake_path(GET CMAKE_C_COMPILER PARENT_PATH parley_emcc_dir)
find_program(EM_CONFIG em-config HINTS "${parley_emcc_dir}" REQUIRED)
execute_process(COMMAND "${EM_CONFIG}" LLVM_ROOT
                OUTPUT_VARIABLE parley_llvm OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_C_COMPILER}" -Oz -flto --cflags # which depend on these
                OUTPUT_VARIABLE parley_cflags OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
set(CMAKE_C_COMPILE_OBJECT
    "${parley_llvm}/clang ${parley_cflags} <DEFINES> <INCLUDES> <FLAGS> -o <OBJECT> -c <SOURCE>")
set(CMAKE_AR "${parley_llvm}/llvm-ar")
set(CMAKE_RANLIB "${parley_llvm}/llvm-ranlib")
