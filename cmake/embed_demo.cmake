# Embeds every src/app/demo/shows/NN_name.json with its picture NN_name.svg, in that order, into a source
# that defines onsale::app::demo_files(). Included by src/app/CMakeLists.txt, and run as a script
# (cmake -P) whenever one of the files changes.

if(CMAKE_SCRIPT_MODE_FILE)
  # -DOUT=….cc -DFILES=a.json|b.json
  string(REPLACE "|" ";" files "${FILES}")
  set(rows "")
  foreach(file ${files})
    get_filename_component(name "${file}" NAME_WE)
    string(REGEX REPLACE "\\.json$" ".svg" picture "${file}")
    file(READ "${file}" show)
    file(READ "${picture}" drawing)
    string(APPEND rows "    {\"${name}\", R\"~show~(${show})~show~\",\n     R\"~svg~(${drawing})~svg~\"},\n")
  endforeach()
  file(WRITE "${OUT}" "// Written by cmake/embed_demo.cmake.
#include \"app/demo/demo_files.h\"

namespace onsale::app {

namespace {

constexpr DemoFile kFiles[] = {
${rows}};

}  // namespace

std::span<const DemoFile> demo_files() { return kFiles; }

}  // namespace onsale::app
")
  return()
endif()

set(onsale_embed_demo_script ${CMAKE_CURRENT_LIST_FILE})

function(onsale_embed_demo out)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/app/demo/shows/*.json)
  file(GLOB pictures CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/app/demo/shows/*.svg)
  list(SORT files)
  list(JOIN files "|" joined)
  # The list is part of the command, so that adding or removing a file runs it again.
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} "-DOUT=${out}" "-DFILES=${joined}" -P ${onsale_embed_demo_script}
    DEPENDS ${files} ${pictures} ${onsale_embed_demo_script}
    COMMENT "Embedding the demo" VERBATIM)
endfunction()
