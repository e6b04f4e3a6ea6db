#include "plan/tags.hpp"

#include "target.hpp"

namespace cleave::fuzz {

/// Tags, one a line, as they stand in a source or behind a pattern.
void tags(std::string_view bytes) {
  plan::Constraints all;
  plan::TestList list;
  list.framework = "catch2";
  plan::TestCase test;
  test.name = "SERIAL_test";
  test.selected = true;
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const std::string_view tag = bytes.substr(0, end);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    plan::Constraints one;
    if (const auto read = plan::apply_tag(tag, one); !read) must(!read.error().what.empty(), "an error says why");
    (void)plan::apply_tag(tag, all);
    must(one.weight >= 1 && all.weight >= one.weight, "the largest weight counts");
    for (const plan::LockUse& lock : one.locks)
      must(plan::check_lock_name(lock.name).has_value(), "a lock's name can be that of a file");
    test.tags.emplace_back(tag);
  }
  for (std::size_t i = 1; i < all.locks.size(); ++i)
    must(all.locks[i - 1].name < all.locks[i].name, "locks are sorted, each once");
  list.tests.push_back(std::move(test));
  if (const auto read = plan::constraints_of(list, {}, {}); read) must(read->at(0).serial, "SERIAL_ means serial");
}

}  // namespace cleave::fuzz
