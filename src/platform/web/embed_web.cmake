# cmake -DDIST=… -DFILES=a|b -DTABLE=x.cc -DBYTES=x.S -P embed_web.cmake
# Writes an assembler file that includes every file's bytes, and the table that names them.
string(REPLACE "|" ";" FILES "${FILES}")
get_filename_component(folder ${TABLE} DIRECTORY)
set(packed_folder ${folder}/gzip)
file(REMOVE_RECURSE ${packed_folder})
file(MAKE_DIRECTORY ${packed_folder})
find_program(GZIP gzip REQUIRED)

set(types
  html=text/html js=text/javascript
  css=text/css svg=image/svg+xml json=application/json
  webmanifest=application/manifest+json txt=text/plain
  png=image/png jpg=image/jpeg jpeg=image/jpeg webp=image/webp ico=image/x-icon
  woff=font/woff woff2=font/woff2 ttf=font/ttf wasm=application/wasm)

function(content_type file result)
  get_filename_component(extension "${file}" LAST_EXT)
  string(SUBSTRING "${extension}" 1 -1 extension)
  set(${result} application/octet-stream PARENT_SCOPE)
  foreach(pair IN LISTS types)
    if(pair MATCHES "^${extension}=(.*)$")
      set(${result} "${CMAKE_MATCH_1}" PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

set(assembly "// Written by embed_web.cmake.\n.section .rodata\n")
set(externs "")
set(rows "")
set(count 0)

macro(embed symbol path)
  string(APPEND assembly
    ".global ${symbol}\n.global ${symbol}_end\n${symbol}:\n.incbin \"${path}\"\n${symbol}_end:\n.byte 0\n")
  string(APPEND externs "extern const char ${symbol}[], ${symbol}_end[];\n")
endmacro()

foreach(file IN LISTS FILES)
  set(symbol onsale_web_${count})
  math(EXPR count "${count} + 1")
  embed(${symbol} "${DIST}/${file}")
  file(SHA256 "${DIST}/${file}" hash)
  string(SUBSTRING ${hash} 0 24 hash)
  content_type("${file}" type)
  set(gzip "{}")
  if(NOT type MATCHES "^(image/(png|jpeg|webp)|font/woff)")
    set(packed ${packed_folder}/${count}.gz)
    execute_process(COMMAND ${GZIP} -9nc "${DIST}/${file}" OUTPUT_FILE ${packed} COMMAND_ERROR_IS_FATAL ANY)
    file(SIZE "${DIST}/${file}" plain_size)
    file(SIZE ${packed} packed_size)
    math(EXPR gain "${plain_size} - ${packed_size}")
    if(gain GREATER 64)
      embed(${symbol}_gz "${packed}")
      set(gzip "std::string_view(${symbol}_gz, static_cast<std::size_t>(${symbol}_gz_end - ${symbol}_gz))")
    endif()
  endif()
  set(path "/${file}")
  if(file STREQUAL "placeholder.html")
    set(path "/index.html")
  endif()
  if(type MATCHES "^text/")
    string(APPEND type "; charset=utf-8")
  endif()
  # Vite's names: assets/index-B3xY_9aQ.js
  set(immutable false)
  if(file MATCHES "^assets/.*-[A-Za-z0-9_-]+\\.[a-z0-9]+$")
    set(immutable true)
  endif()
  string(APPEND rows "      {\"${path}\", \"${type}\",
       std::string_view(${symbol}, static_cast<std::size_t>(${symbol}_end - ${symbol})),
       ${gzip},
       \"W/\\\"${hash}\\\"\", ${immutable}},\n")
endforeach()

file(WRITE ${BYTES} "${assembly}.section .note.GNU-stack,\"\",@progbits\n")
file(WRITE ${TABLE} "// Written by embed_web.cmake.
#include \"platform/web/web.h\"

extern \"C\" {
${externs}}

namespace onsale::web {

std::span<const http::StaticFile> web_files() {
  static const http::StaticFile files[] = {
${rows}  };
  return files;
}

}  // namespace onsale::web
")
