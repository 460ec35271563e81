// Every target on its corpus: the inputs that reach far, and those that once found something.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/fuzz.h"

namespace onsale::fuzz {
namespace {

namespace fs = std::filesystem;

// From the root of the repository, where tests run.
fs::path corpus_of(std::string_view target) { return fs::path("tests/fuzz/corpus") / target; }

int run_corpus(const Target& target) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(corpus_of(target.name))) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    SCOPED_TRACE(entry.path().string());
    target.run(bytes);
    ++count;
  }
  return count;
}

class Corpus : public testing::TestWithParam<Target> {};

TEST_P(Corpus, FindsNothing) { EXPECT_GE(run_corpus(GetParam()), 3); }

TEST_P(Corpus, AnEmptyInputAndNoiseFindNothing) {
  GetParam().run({});
  std::uint64_t state = 1;
  for (std::size_t size = 1; size <= 256; ++size) {
    std::string noise(size, '\0');
    for (char& c : noise) {
      state = state * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
      c = static_cast<char>(state >> 56);
    }
    GetParam().run(noise);
  }
}

std::string name_of(const testing::TestParamInfo<Target>& info) {
  return std::string(info.param.name);
}

INSTANTIATE_TEST_SUITE_P(Targets, Corpus, testing::ValuesIn(targets()), name_of);

// Every folder has its target, so that no input is forgotten when one is renamed.
TEST(FuzzRegression, EveryCorpusIsRun) {
  int folders = 0;
  for (const auto& entry : fs::directory_iterator("tests/fuzz/corpus")) {
    const std::string name = entry.path().filename().string();
    EXPECT_TRUE(std::ranges::count(targets(), name, &Target::name) == 1) << name;
    ++folders;
  }
  EXPECT_EQ(folders, static_cast<int>(targets().size()));
}

// The control: a target that finds something ends the program.
TEST(FuzzRegressionDeathTest, AFindingIsSeen) {
  const Target broken{"stomp_frame", [](std::string_view bytes) {
                        check(bytes.find("SUBSCRIBE") == bytes.npos, "found it");
                      }};
  EXPECT_DEATH(run_corpus(broken), "found it");
}

}  // namespace
}  // namespace onsale::fuzz
