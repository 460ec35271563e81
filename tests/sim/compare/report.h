// The comparison as text: a table, the document, the plot.
#pragma once

#include <string>
#include <vector>

#include "crowd.h"

namespace onsale::compare {

struct Chapter {
  Scenario scenario;
  std::vector<Result> results;
};

// Ours first.
std::vector<Contender> contenders();

std::string table(const Chapter& chapter);  // GitHub's markdown
// The whole of docs/compare/waiting-rooms.md; `plot` is the picture's file name.
std::string document(const std::vector<Chapter>& chapters, const std::string& plot);
// Slot use over time, one small chart a scenario.
std::string svg(const std::vector<Chapter>& chapters);

}  // namespace onsale::compare
