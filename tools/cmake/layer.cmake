# Folders as layers: each is a library of its own, and its files find the headers of their own folder
# and of the layers that it may know. An include that goes up does not compile.

# parley_layer(FOLDER [LIBRARY...]): the library AREA_FOLDER, of all that lies in the folder; AREA is
# the folder that it stands in (wasm, server). LIBRARY: the layers that it knows, and packages.
function(parley_layer folder)
  cmake_path(GET CMAKE_CURRENT_SOURCE_DIR FILENAME area)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.c")
  set(layer ${area}_${folder})
  add_library(${layer} STATIC ${sources})
  target_include_directories(${layer} PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}/${folder}")
  target_link_libraries(${layer} PUBLIC ${ARGN})
  parley_target_flags(${layer})
endfunction()
