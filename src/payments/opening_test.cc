// A payment is made and begun in one, and what is asked of its provider later has keys of its own.
#include "payments/opening.h"

#include <gtest/gtest.h>

#include "base/fakes.h"
#include "payments/fakes.h"
#include "payments/service.h"

namespace onsale::payments {
namespace {

using std::chrono::minutes;
using enum PaymentState;

const ProviderAnswer kAuthorised{.verdict = Verdict::authorised};

class Opening : public testing::Test {
 protected:
  NewPayment request(const std::string& subject = "res_1", std::int64_t amount = 30'000) {
    return {.id = PaymentId::make(clock_.now(), random_),
            .subject = subject,
            .owner = owner_,
            .provider = "fake",
            .amount = {amount, "KRW"},
            .order_name = "Two seats"};
  }
  Payment begun(const std::string& subject = "res_1") {
    const auto opened = sync_wait(payments_->open(request(subject), {.return_address = "/return"}));
    EXPECT_TRUE(opened);
    return *opened;
  }
  Payment at(PaymentId id) { return sync_wait(payments_->find(id)).value(); }

  FakeClock clock_;
  SeededRandom random_{3};
  AccountId owner_ = AccountId::make(clock_.now(), random_);
  FakeStore store_;
  FakeProvider provider_;
  std::unique_ptr<Payments> payments_ = make_payments(
      {.store = store_, .providers = {&provider_}, .clock = clock_, .random = random_});
};

TEST_F(Opening, OpeningMakesAndBeginsInOne) {
  for (const bool asked : {true, false}) {
    provider_.has_to_be_asked = asked;
    NewPayment wanted = request(asked ? "res_1" : "res_2");
    const Begin begin{.payment = wanted.id,
                      .return_address = "/payments/{payment}/return",
                      .return_url = "/checkout"};
    const auto opened = sync_wait(payments_->open(wanted, begin));
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->id, wanted.id);
    EXPECT_EQ(opened->state, pending);
    EXPECT_EQ(opened->redirect_url, "https://pay.test/" + wanted.id.str());
    const Stored stored = sync_wait(store_.find(wanted.id)).value();
    EXPECT_EQ(stored.payment.state, pending);
    EXPECT_EQ(stored.payment.return_url, "/checkout");
    EXPECT_EQ(stored.reference, "ref-" + wanted.id.str());
    EXPECT_EQ(stored.check_at, clock_.now() + check_delay(pending, 0));
    EXPECT_EQ(provider_.orders.back().return_address,
              "/payments/" + wanted.id.str() + "/return?key=" + stored.key);
    // Another tab, on its way to somewhere else: the same page.
    wanted.id = PaymentId::make(clock_.now(), random_);
    const auto again = sync_wait(payments_->open(wanted, {.return_url = "/other-tab"}));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->id, opened->id);
    EXPECT_EQ(again->redirect_url, opened->redirect_url);
    EXPECT_EQ(again->return_url, "/other-tab");
  }
}

TEST_F(Opening, OpeningSaysWhatIsInTheWay) {
  const Begin nowhere{.return_address = "/x"};
  const auto why = [&](const NewPayment& wanted) {
    return sync_wait(payments_->open(wanted, nowhere)).error();
  };
  EXPECT_EQ(why(request("res_1", 0)), OpenRefusal(CreateRefusal::amount_invalid));
  NewPayment other = request();
  other.provider = "paypal";
  EXPECT_EQ(why(other), OpenRefusal(CreateRefusal::provider_unknown));
  provider_.begin_fails = true;
  EXPECT_EQ(why(request()), OpenRefusal(BeginRefusal::provider_unavailable));
  provider_.has_to_be_asked = false;
  EXPECT_EQ(why(request("res_2")), OpenRefusal(BeginRefusal::provider_unavailable));
  EXPECT_FALSE(sync_wait(store_.find_live("res_2"))) << "of what could not begin nothing is left";
  provider_.begin_fails = false;
  const Payment first = begun("res_3");
  EXPECT_EQ(why(request("res_3", 10)), OpenRefusal(CreateRefusal::subject_busy));
  EXPECT_EQ(at(first.id).state, pending);
}

// Under a key that was used before, a provider may tell what it told then.
TEST_F(Opening, EveryAskingForTheMoneyHasAKeyOfItsOwn) {
  const Payment payment = begun();
  provider_.lookup_answers = {kAuthorised};  // and the answers to what it asks then are lost
  clock_.advance(minutes(2));
  sync_wait(payments_->reconcile());
  ASSERT_EQ(at(payment.id).state, unknown);
  for (int i = 0; i < 3; ++i) {
    provider_.lookup_answers = {kAuthorised};
    clock_.advance(minutes(5));
    sync_wait(payments_->reconcile());
  }
  std::vector<int> keys;
  for (const Charge& charge : provider_.settles) keys.push_back(charge.checks);
  EXPECT_EQ(keys, (std::vector{0, 1, 2, 3}));
}

}  // namespace
}  // namespace onsale::payments
