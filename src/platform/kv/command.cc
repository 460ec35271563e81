#include <hiredis/hiredis.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>

#include "platform/kv/kv.h"
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
  std::array<std::string_view, 16> few;
  std::vector<std::string_view> many;
  std::span<std::string_view> views(few.data(), std::min(words.size(), few.size()));
  if (words.size() > few.size()) {
    many.resize(words.size());
    views = many;
  }
  std::ranges::transform(words, views.begin(), &Word::view);
  format(views);
  const std::size_t key = key_index(words);
  if (key < words.size()) slot_ = hash_slot(words[key].view());
  blocks_ = same(views[0], "WAIT") ||
            (same(views[0], "XREAD") && index_of(words, "BLOCK") < index_of(words, "STREAMS"));
}

void Command::format(std::span<const std::string_view> words) {
  std::array<const char*, 16> few;
  std::array<std::size_t, 16> few_sizes;
  std::vector<const char*> many;
  std::vector<std::size_t> many_sizes;
  const char** texts = few.data();
  std::size_t* sizes = few_sizes.data();
  if (words.size() > few.size()) {
    many.resize(words.size());
    many_sizes.resize(words.size());
    texts = many.data();
    sizes = many_sizes.data();
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    texts[i] = words[i].data() ? words[i].data() : "";
    sizes[i] = words[i].size();
  }
  char* made = nullptr;
  const int size = redisFormatCommandArgv(&made, static_cast<int>(words.size()), texts, sizes);
  if (size < 0) throw std::bad_alloc();
  wire_.reset(made);
  size_ = static_cast<std::size_t>(size);
}

void Command::spell_out() {
  const std::string_view old = wire();
  const std::size_t head = old.find("\r\n") + 2;
  const std::size_t hash = old.find(script_->hash, head);
  const std::string_view rest = old.substr(hash + script_->hash.size());  // begins with \r\n
  std::string out(old.substr(0, head));
  out += "$4\r\nEVAL\r\n$" + std::to_string(script_->text.size()) + "\r\n" + script_->text;
  out += rest;
  auto* const copy = static_cast<char*>(std::malloc(out.size()));
  if (!copy) throw std::bad_alloc();
  std::memcpy(copy, out.data(), out.size());
  wire_.reset(copy);
  size_ = out.size();
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
