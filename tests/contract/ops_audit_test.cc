// The audit log gives what is asked for, page by page, on both dialects.
#include <gtest/gtest.h>

#include "base/fakes.h"
#include "ops/sql_store.h"
#include "tests/contract/databases.h"

namespace onsale::ops {
namespace {

class OpsAudit : public testing::TestWithParam<sql::Dialect> {
 protected:
  void add(std::string who, std::string subject) {
    clock_.advance(Millis(1));
    AuditEntry entry{.id = AuditId::make(clock_.now(), random_),
                     .at = clock_.now(),
                     .who = std::move(who),
                     .action = "room.configured",
                     .subject = std::move(subject),
                     .before = "{}",
                     .after = "{}"};
    sync_wait(log_.record(std::move(entry)));
  }
  std::string page(const AuditFilter& filter, int limit = 100, std::optional<AuditId> before = {}) {
    std::string text;
    for (const AuditEntry& entry : sync_wait(log_.newest(filter, limit, before))) {
      text += entry.who + "@" + entry.subject + " ";
      last_ = entry.id;
    }
    return text;
  }

  std::unique_ptr<sql::Database> database_ = testing_support::fresh_database(GetParam());
  SqlAuditLog log_{*database_};
  FakeClock clock_;
  SeededRandom random_{5};
  std::optional<AuditId> last_;
};
ONSALE_ON_BOTH_DIALECTS(OpsAudit);

TEST_P(OpsAudit, TellsTheNewestFirstOfOneSubjectOrOnePersonOrBoth) {
  add("ann", "film");
  add("bob", "film");
  add("ann", "show");
  add("ann", "film");
  add("plan", "film-2");
  EXPECT_EQ(page({}), "plan@film-2 ann@film ann@show bob@film ann@film ");
  EXPECT_EQ(page({.subject = "film"}), "ann@film bob@film ann@film ");
  EXPECT_EQ(page({.who = "ann"}), "ann@film ann@show ann@film ");
  EXPECT_EQ(page({.subject = "film", .who = "bob"}), "bob@film ");
  EXPECT_EQ(page({.subject = "fil"}), "");
  EXPECT_EQ(page({.subject = "' OR 1=1 --"}), "");
}

TEST_P(OpsAudit, PagesOfOneSubjectMissAndRepeatNothing) {
  for (int i = 0; i < 5; ++i) {
    add("ann" + std::to_string(i), "film");
    add("noise", "other");
  }
  EXPECT_EQ(page({.subject = "film"}, 2), "ann4@film ann3@film ");
  EXPECT_EQ(page({.subject = "film"}, 2, last_), "ann2@film ann1@film ");
  EXPECT_EQ(page({.subject = "film"}, 2, last_), "ann0@film ");
  EXPECT_EQ(page({.subject = "film"}, 2, last_), "");
}

}  // namespace
}  // namespace onsale::ops
