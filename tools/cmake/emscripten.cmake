# Finds the installed Emscripten and hands over to its own toolchain file.
if(DEFINED ENV{EMSCRIPTEN})
  set(parley_emscripten_root "$ENV{EMSCRIPTEN}")
else()
  set(parley_emscripten_root "/usr/share/emscripten") # where Debian puts it
endif()
set(parley_emscripten_toolchain
    "${parley_emscripten_root}/cmake/Modules/Platform/Emscripten.cmake")
if(NOT EXISTS "${parley_emscripten_toolchain}")
  message(FATAL_ERROR "No Emscripten in ${parley_emscripten_root}: install Debian's package "
                      "emscripten, or set the environment variable EMSCRIPTEN to its folder.")
endif()
include("${parley_emscripten_toolchain}")
