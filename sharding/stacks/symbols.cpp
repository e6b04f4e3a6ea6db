#include "stacks/symbols.hpp"

#include <cxxabi.h>
#include <dwarf.h>
#include <elfutils/libdw.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string_view>

namespace cleave::stacks {
namespace {

/// A name of nested templates helps nobody beyond this.
constexpr std::size_t kLongestName = 200;

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};
template <class T>
using Allocated = std::unique_ptr<T, Free>;

/// Without the version that a library's symbol may end in ("pthread_mutex_lock@GLIBC_2.2.5").
std::string demangled(const std::string& symbol) {
  const std::string name = symbol.substr(0, symbol.find('@'));
  int status = 0;
  const Allocated<char> text(abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status));
  std::string out = status == 0 && text ? text.get() : name;
  constexpr std::string_view kString =
      "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >";
  for (std::size_t at = out.find(kString); at != std::string::npos; at = out.find(kString)) {
    out.replace(at, kString.size(), "std::string");
  }
  if (out.size() > kLongestName) {
    out.resize(kLongestName);
    out += "…";
  }
  return out;
}

/// Also where the name stands at the declaration, or at the function that was inlined.
std::string name_of(Dwarf_Die* die) {
  Dwarf_Attribute attribute;
  for (const unsigned kind : {DW_AT_linkage_name, DW_AT_MIPS_linkage_name}) {
    const char* const linkage = dwarf_formstring(dwarf_attr_integrate(die, kind, &attribute));
    if (linkage != nullptr) return demangled(linkage);
  }
  const char* const plain = dwarf_diename(die);
  return plain == nullptr ? std::string() : plain;
}

std::string place(Dwarf_Die* unit, const char* file, int line) {
  if (file == nullptr) return {};
  std::filesystem::path path(file);
  if (path.is_relative()) {
    Dwarf_Attribute attribute;
    const char* const folder = dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
    if (folder != nullptr) path = folder / path;
  }
  return path.lexically_normal().string() + (line > 0 ? ":" + std::to_string(line) : "");
}

std::string line_at(Dwarf_Die* unit, Dwarf_Addr address) {
  Dwarf_Line* const line = dwarf_getsrc_die(unit, address);
  int number = 0;
  if (line == nullptr || dwarf_lineno(line, &number) != 0) return {};
  return place(unit, dwarf_linesrc(line, nullptr, nullptr), number);
}

/// Where the code that was inlined would have been called.
std::string call_of(Dwarf_Die* unit, Dwarf_Die* inlined) {
  Dwarf_Attribute attribute;
  Dwarf_Word file = 0;
  Dwarf_Word line = 0;
  Dwarf_Files* files = nullptr;
  if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &file) != 0 ||
      dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &line) != 0 ||
      dwarf_getsrcfiles(unit, &files, nullptr) != 0) {
    return {};
  }
  return place(unit, dwarf_filesrc(files, file, nullptr, nullptr), static_cast<int>(line));
}

/// What encloses the address, innermost first. dwarf_getscopes() goes on from an inlined function to what encloses its
/// definition; what encloses its code is asked for apart.
std::vector<Dwarf_Die> scopes_at(Dwarf_Die* unit, Dwarf_Addr address) {
  Dwarf_Die* raw = nullptr;
  int count = dwarf_getscopes(unit, address, &raw);
  const Allocated<Dwarf_Die> by_definition(raw);
  if (count <= 0) return {};
  raw = nullptr;
  count = dwarf_getscopes_die(by_definition.get(), &raw);
  const Allocated<Dwarf_Die> by_code(raw);
  return count <= 0 ? std::vector<Dwarf_Die>() : std::vector<Dwarf_Die>(raw, raw + count);
}

}  // namespace

Dwarf_Die* Symbols::unit_of(Dwfl_Module* module, Dwarf_Addr pc, Dwarf_Addr* bias) {
  if (Dwarf_Die* const unit = dwfl_module_addrdie(module, pc, bias); unit != nullptr) return unit;
  if (dwfl_module_getdwarf(module, bias) == nullptr) return nullptr;
  const auto [found, is_new] = units_.try_emplace(module);
  Dwarf_Addr each_bias = 0;
  Dwarf_Die* each = nullptr;
  while (is_new && (each = dwfl_module_nextcu(module, each, &each_bias)) != nullptr) found->second.push_back(each);
  for (Dwarf_Die* const unit : found->second) {
    if (dwarf_haspc(unit, pc - *bias) == 1) return unit;
  }
  return nullptr;
}

const std::vector<Place>& Symbols::at(Dwarf_Addr pc) {
  const auto [known, is_new] = places_.try_emplace(pc);
  if (is_new) known->second = found_at(pc);
  return known->second;
}

std::vector<Place> Symbols::found_at(Dwarf_Addr pc) {
  std::vector<Place> places;
  Dwfl_Module* const module = dwfl_addrmodule(process_, pc);
  if (module == nullptr) return {Place{"", "no file of the process"}};
  GElf_Off offset = 0;
  GElf_Sym symbol;
  const char* const name = dwfl_module_addrinfo(module, pc, &offset, &symbol, nullptr, nullptr, nullptr);
  Place outermost;
  if (name != nullptr) outermost.function = demangled(name);

  Dwarf_Addr bias = 0;
  if (Dwarf_Die* const unit = unit_of(module, pc, &bias); unit != nullptr) {
    outermost.where = line_at(unit, pc - bias);
    for (Dwarf_Die& scope : scopes_at(unit, pc - bias)) {
      const int tag = dwarf_tag(&scope);
      if (tag == DW_TAG_subprogram) {
        if (outermost.function.empty()) outermost.function = name_of(&scope);
        break;
      }
      if (tag != DW_TAG_inlined_subroutine) continue;
      places.push_back(Place{name_of(&scope), outermost.where});
      outermost.where = call_of(unit, &scope);
    }
  }
  if (outermost.where.empty()) {
    const char* file = nullptr;
    dwfl_module_info(module, nullptr, nullptr, nullptr, nullptr, nullptr, &file, nullptr);
    if (file == nullptr) file = dwfl_module_info(module, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr);
    if (file != nullptr) outermost.where = std::filesystem::path(file).filename().string();
  }
  places.push_back(std::move(outermost));
  return places;
}

}  // namespace cleave::stacks
