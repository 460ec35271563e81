// Five queues, the same people: prints a table, or writes the document with its plot.
//   compare_queues [--size SHARE] [--only SCENARIO] [--walk-away SHARE]
//                  [--markdown FILE.md --plot FILE.svg]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "crowd.h"
#include "report.h"

int main(int argc, char** argv) {
  double size = 1, walk_away = -1;  // of those inside; below 0: as the scenario says
  std::string only, markdown, plot;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--size") == 0) size = std::atof(argv[i + 1]);
    if (std::strcmp(argv[i], "--only") == 0) only = argv[i + 1];
    if (std::strcmp(argv[i], "--walk-away") == 0) walk_away = std::atof(argv[i + 1]);
    if (std::strcmp(argv[i], "--markdown") == 0) markdown = argv[i + 1];
    if (std::strcmp(argv[i], "--plot") == 0) plot = argv[i + 1];
  }
  if (argc % 2 == 0 || size <= 0 || size > 1 || walk_away > 1) {
    std::fprintf(stderr,
                 "usage: %s [--size SHARE] [--only SCENARIO] [--walk-away SHARE]"
                 " [--markdown FILE --plot FILE]\n",
                 argv[0]);
    return 2;
  }
  std::vector<onsale::compare::Chapter> chapters;
  for (auto scenario : onsale::compare::scenarios(size)) {
    if (!only.empty() && scenario.name != only) continue;
    if (walk_away >= 0) scenario.walk_away = walk_away;
    onsale::compare::Chapter chapter{.scenario = scenario, .results = {}};
    for (const auto& contender : onsale::compare::contenders()) {
      const auto began = std::chrono::steady_clock::now();
      chapter.results.push_back(onsale::compare::run(scenario, contender));
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
      std::fprintf(stderr, "%-9s %-16s %.1f s\n", scenario.name.c_str(),
                   chapter.results.back().queue.c_str(), took.count());
    }
    std::fputs(onsale::compare::table(chapter).c_str(), stdout);
    std::fputs("\n", stdout);
    chapters.push_back(std::move(chapter));
  }
  if (!markdown.empty()) std::ofstream(markdown) << onsale::compare::document(chapters, plot);
  if (!plot.empty()) std::ofstream(plot) << onsale::compare::svg(chapters);
  return 0;
}
