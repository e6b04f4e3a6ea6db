#pragma once

#include <elfutils/libdwfl.h>

#include <map>
#include <string>
#include <vector>

namespace cleave::stacks {

/// One line of a stack.
struct Place {
  std::string function;  ///< Demangled; empty when there is no symbol.
  std::string where;     ///< "/src/store.cpp:42"; without debug information the file name of the program or library.
};

/// What lies at an address of the process, from symbol tables and DWARF.
class Symbols {
 public:
  explicit Symbols(Dwfl* process) : process_(process) {}

  /// The function at `pc`, and before it those that the compiler inlined there, innermost first. At least one.
  const std::vector<Place>& at(Dwarf_Addr pc);

 private:
  std::vector<Place> found_at(Dwarf_Addr pc);
  /// The compilation unit of an address; null without debug information.
  Dwarf_Die* unit_of(Dwfl_Module* module, Dwarf_Addr pc, Dwarf_Addr* bias);

  Dwfl* process_;
  std::map<Dwarf_Addr, std::vector<Place>> places_;
  std::map<Dwfl_Module*, std::vector<Dwarf_Die*>> units_;  ///< Of modules without .debug_aranges, as Clang makes them.
};

}  // namespace cleave::stacks
