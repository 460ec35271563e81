#include <openssl/evp.h>

#include <algorithm>
#include <stdexcept>

#include "platform/kv/kv.h"
#include "platform/kv/reader.h"
#include "platform/kv/slots.h"

namespace onsale::kv {
namespace {

constexpr std::size_t kWordsMax = 100'000;

// What has no key: goes to any server of a cluster.
constexpr std::string_view kKeyless[] = {
    "ACL",    "CLIENT", "CLUSTER", "CONFIG",    "DBSIZE", "DEBUG",  "ECHO", "FLUSHALL", "INFO",
    "MEMORY", "PING",   "PUBLISH", "REPLICAOF", "ROLE",   "SCRIPT", "TIME", "WAIT"};

bool same(std::string_view text, std::string_view upper) {
  return std::ranges::equal(text, upper, {}, [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
}

std::size_t index_of(std::span<const Word> words, std::string_view upper) {
  for (std::size_t i = 1; i < words.size(); ++i)
    if (same(words[i].view(), upper)) return i;
  return words.size();
}

// Where the first key is; words.size() when there is none.
std::size_t key_index(std::span<const Word> words) {
  const std::string_view name = words[0].view();
  if (same(name, "XREAD")) return index_of(words, "STREAMS") + 1;
  if (same(name, "EVAL") || same(name, "EVALSHA"))
    return words.size() > 2 && words[2].view() != "0" ? 3 : words.size();
  for (const auto keyless : kKeyless)
    if (same(name, keyless)) return words.size();
  return 1;
}

std::string sha1(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += "0123456789abcdef"[digest[i] >> 4];
    hex += "0123456789abcdef"[digest[i] & 15];
  }
  return hex;
}

}  // namespace

Command::Command(std::span<const Word> words) {
  if (words.empty() || words.size() > kWordsMax) throw std::invalid_argument("words of a command");
  format(words, key_index(words));
  const std::string_view name = words[0].view();
  blocks_ = same(name, "WAIT") ||
            (same(name, "XREAD") && index_of(words, "BLOCK") < index_of(words, "STREAMS"));
}

// Not by hiredis: its formatters call printf or allocate for each word, for a fifth of our
// processor time. A test compares the two.
void Command::format(std::span<const Word> words, std::size_t key) {
  std::size_t size = 16;
  for (const Word& word : words) size += word.view().size() + 16;
  wire_.clear();
  wire_.reserve(size);
  auto add_size = [this](char kind, std::size_t number) {
    char text[24];
    text[0] = kind;
    char* end = std::to_chars(text + 1, text + sizeof text - 2, number).ptr;
    *end++ = '\r';
    *end++ = '\n';
    wire_.append(text, end);
  };
  add_size('*', words.size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view text = words[i].view();
    add_size('$', text.size());
    if (i == key) {
      key_at_ = wire_.size();
      key_size_ = text.size();
    }
    wire_ += text;
    wire_ += "\r\n";
  }
}

int Command::slot() const { return key_at_ ? hash_slot(wire().substr(key_at_, key_size_)) : -1; }

void Command::spell_out() {
  Reader reader;
  for (std::string_view rest = wire(); !rest.empty();) {
    reader.feed(rest.substr(0, Reader::kFeedMax));
    rest.remove_prefix(std::min(rest.size(), Reader::kFeedMax));
  }
  Reply read;
  if (reader.next(read) != Reader::Got::reply) return;
  std::vector<Word> words;
  for (const Reply& item : read.items) words.emplace_back(item.text);
  words[0] = Word("EVAL");
  words[1] = Word(script_->text);
  format(words, key_at_ ? 3 : words.size());
}

Script::Script(std::string text) {
  std::string hash = sha1(text);
  source_ = std::make_shared<const Command::Source>(std::move(text), std::move(hash));
}

Command Script::call(std::initializer_list<Word> keys,
                     std::initializer_list<Word> arguments) const {
  std::vector<Word> words = {Word("EVALSHA"), Word(source_->hash), Word(keys.size())};
  words.insert(words.end(), keys);
  words.insert(words.end(), arguments);
  Command command{std::span<const Word>(words)};
  command.script_ = source_;
  return command;
}

}  // namespace onsale::kv
