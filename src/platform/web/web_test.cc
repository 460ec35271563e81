#include "platform/web/web.h"

#include <gtest/gtest.h>

#include <set>

namespace onsale::web {
namespace {

TEST(Web, TheBinaryCarriesAPage) {
  const http::StaticFile* index = nullptr;
  for (const auto& file : web_files())
    if (file.path == "/index.html") index = &file;
  ASSERT_NE(index, nullptr);
  EXPECT_EQ(index->content_type, "text/html; charset=utf-8");
  EXPECT_TRUE(index->body.starts_with("<!doctype html>"));
  EXPECT_FALSE(index->immutable);
  EXPECT_TRUE(index->gzip.empty() || index->gzip.starts_with("\x1f\x8b"));
}

TEST(Web, EveryFileHasItsTypeAndTag) {
  std::set<std::string_view> paths;
  for (const auto& file : web_files()) {
    EXPECT_TRUE(paths.insert(file.path).second) << file.path;
    EXPECT_TRUE(file.path.starts_with('/')) << file.path;
    EXPECT_NE(file.content_type, "application/octet-stream") << file.path;
    EXPECT_EQ(file.etag.size(), 24U + 4U) << file.path;
    EXPECT_TRUE(file.gzip.empty() || file.gzip.size() < file.body.size()) << file.path;
  }
}

}  // namespace
}  // namespace onsale::web
