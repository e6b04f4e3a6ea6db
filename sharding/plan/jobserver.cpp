#include "plan/jobserver.hpp"

#include <charconv>
#include <vector>

namespace cleave::plan {
namespace {

constexpr std::string_view kFifo = "fifo:";
constexpr std::string_view kAuth = "--jobserver-auth=";
constexpr std::string_view kOldAuth = "--jobserver-fds=";

/// The words between unquoted blanks, still quoted. The first is empty when the text begins with a blank.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '\\') {
      ++i;
    } else if (i >= text.size() || text[i] == ' ' || text[i] == '\t') {
      if (i > begin || words.empty()) words.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  if (begin < text.size()) words.push_back(text.substr(begin));  // It ends in a backslash.
  return words;
}

std::string unquoted(std::string_view word) {
  std::string plain;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool quotes = word[i] == '\\' || (word[i] == '$' && i + 1 < word.size() && word[i + 1] == '$');
    if (quotes && i + 1 < word.size()) ++i;
    plain += word[i];
  }
  return plain;
}

std::string quoted(std::string_view plain) {
  std::string word;
  for (const char c : plain) {
    if (c == ' ' || c == '\t' || c == '\\') word += '\\';
    if (c == '$') word += '$';
    word += c;
  }
  return word;
}

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// None when make says that this process has no job server.
Result<std::optional<JobServerAddress>> parse_address(const std::string& word) {
  const std::string value = word.substr(word.find('=') + 1);
  JobServerAddress address;
  if (value.starts_with(kFifo) && value.size() > kFifo.size()) {
    address.fifo = value.substr(kFifo.size());
    return std::optional(address);
  }
  const auto comma = value.find(',');
  if (comma != std::string::npos) {
    const auto read_fd = number_in<int>(std::string_view(value).substr(0, comma));
    const auto write_fd = number_in<int>(std::string_view(value).substr(comma + 1));
    if (read_fd && write_fd) {
      if (*read_fd < 0 || *write_fd < 0) return std::optional<JobServerAddress>();
      address.read_fd = *read_fd;
      address.write_fd = *write_fd;
      return std::optional(address);
    }
  }
  return Error{Errc::usage,
               "read MAKEFLAGS: '" + word + "' is not fifo:PATH or R,W with the numbers of two descriptors", 0};
}

bool is_address(std::string_view word) { return word.starts_with(kAuth) || word.starts_with(kOldAuth); }

bool is_jobs(std::string_view word) {
  return word.starts_with("-j") || word == "--jobs" || word.starts_with("--jobs=") || word.starts_with("--jobserver-");
}

std::string text_of(const JobServerAddress& address) {
  if (!address.fifo.empty()) return std::string(kFifo) + quoted(address.fifo);
  return std::to_string(address.read_fd) + "," + std::to_string(address.write_fd);
}

}  // namespace

Result<MakeFlags> parse_make_flags(std::string_view text) {
  MakeFlags flags;
  const auto words = words_of(text);
  const std::string_view letters = words.front();
  flags.dry_run = !letters.starts_with('-') && letters.find('=') == std::string_view::npos &&
                  letters.find('n') != std::string_view::npos;
  for (const std::string_view raw : words) {
    if (raw == "--") break;
    const std::string word = unquoted(raw);
    if (is_address(word)) {
      auto address = parse_address(word);
      if (!address) return address.error();
      flags.server = *address;
    } else if (word == "--jobs" || word.starts_with("--jobs=")) {
      flags.jobs = number_in<std::uint32_t>(std::string_view(word).substr(word.find('=') + 1));
    } else if (word.starts_with("-j")) {
      flags.jobs = number_in<std::uint32_t>(std::string_view(word).substr(2));
    }
  }
  return flags;
}

std::string make_flags_with(std::string_view previous, const JobServerAddress& address, std::uint32_t jobs) {
  const std::string ours = " -j" + std::to_string(jobs) + " " + std::string(kAuth) + text_of(address);
  std::string text;
  bool in_options = true;
  bool first = true;
  for (const std::string_view word : words_of(previous)) {
    if (in_options && word == "--") {
      in_options = false;
      text += ours;
    }
    if (in_options && is_jobs(unquoted(word))) {
      first = false;  // Letters may only stand first.
      continue;
    }
    if (!first || word.starts_with('-')) text += ' ';
    text += word;
    first = false;
  }
  return in_options ? text + ours : text;
}

}  // namespace cleave::plan
