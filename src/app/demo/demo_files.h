// The files of src/app/demo/shows, embedded by cmake/embed_demo.cmake: one show each, oldest first.
#pragma once

#include <span>
#include <string_view>

namespace onsale::app {

struct DemoFile {
  std::string_view name;     // 07_avatar3
  std::string_view show;     // JSON: struct DemoShow of demo_show.h
  std::string_view picture;  // SVG, 600 x 900; what lies below 640 is covered by the title
};
std::span<const DemoFile> demo_files();

}  // namespace onsale::app
