#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan/task_graph.hpp"

namespace cleave::cli {

/// Some tasks of a graph, such as those of one phase, with the arrows between them, indented by two. Tasks that wait
/// for the same and that the same waits for stand on one line, "1 → 2, 3, 4 → 5". What waits for several lines is told
/// below the last of them, and elsewhere ends with "…". What another phase orders anyway is left out.
std::string graph_tree(const plan::TaskGraph& graph, const std::vector<std::uint32_t>& tasks);

/// The names of tasks as words of a list, "a,", "b,", "c"; of very many only the first.
std::vector<std::string> name_list(const plan::TaskGraph& graph, const std::vector<std::uint32_t>& tasks);

}  // namespace cleave::cli
