#include "cli/gantt.hpp"

#include <algorithm>
#include <vector>

#include "cli/columns.hpp"
#include "report/text.hpp"

namespace cleave::cli {
namespace {

using std::chrono::nanoseconds;

/// One lane's line: a character for each column.
class Line {
 public:
  explicit Line(std::size_t columns) : cells_(columns, ".") {}

  /// A task from column `begin` to before column `end`, which are one when it is shorter than a column. A few letters
  /// of a longer name would be taken for another name.
  void draw(const std::string& name, std::size_t begin, std::size_t end) {
    std::string& first = cells_[begin];
    first = first != "." ? "#" : end - begin > 1 ? "[" : "|";
    constexpr std::size_t kFewLetters = 4;
    std::vector<std::string> letters = characters(name);
    const std::size_t space = end - begin - 1;
    if (letters.size() > space && space < kFewLetters) letters.clear();
    for (std::size_t i = begin + 1; i < end; ++i)
      cells_[i] = i - begin - 1 < letters.size() ? letters[i - begin - 1] : "=";
  }

  std::string text() const {
    std::string line;
    for (const std::string& cell : cells_) line += cell;
    return line;
  }

 private:
  std::vector<std::string> cells_;
};

std::size_t column_at(nanoseconds time, nanoseconds whole, std::size_t columns) {
  if (whole <= nanoseconds{}) return 0;
  const double place = static_cast<double>(time.count()) / static_cast<double>(whole.count());
  return std::min(static_cast<std::size_t>(place * static_cast<double>(columns) + 1e-9), columns);
}

}  // namespace

std::string gantt(const plan::TaskGraph& graph, const Course& course) {
  const std::size_t number_width = std::to_string(course.lanes - 1).size();
  const std::size_t columns = kLineWidth - number_width - 3;
  std::vector<Line> lines(course.lanes, Line(columns));
  std::vector<std::uint32_t> by_start(graph.tasks.size());
  for (std::uint32_t i = 0; i < by_start.size(); ++i) by_start[i] = i;
  const auto& items = course.simulation.items;
  std::ranges::stable_sort(by_start, {}, [&](std::uint32_t task) { return items[task].start; });
  for (const std::uint32_t task : by_start) {
    const SimulatedItem& item = items[task];
    const std::size_t begin = std::min(column_at(item.start, course.simulation.makespan, columns), columns - 1);
    const std::size_t end = std::max(column_at(item.end, course.simulation.makespan, columns), begin + 1);
    lines[item.lane].draw(label(graph.tasks[task].name), begin, end);
  }
  std::string text;
  for (std::uint32_t lane = 0; lane < course.lanes; ++lane)
    text += right(std::to_string(lane), number_width) + " |" + lines[lane].text() + "|\n";
  const std::string last = report::duration_text(course.simulation.makespan);
  return text + std::string(number_width + 2, ' ') + "0" + right(last, columns - 1) + "\n";
}

}  // namespace cleave::cli
