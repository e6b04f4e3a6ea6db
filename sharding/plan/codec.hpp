#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cleave::plan {

/// Appends values in Cleave's byte order: integers little-endian with their full width, doubles as their 64 bits,
/// strings as a 32-bit length and the bytes. The formats that use it are described beside their readers.
class Writer {
 public:
  Writer() = default;
  /// Appends to these.
  explicit Writer(std::string bytes) noexcept : bytes_(std::move(bytes)) {}
  template <class T>
  void number(T value) {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    char raw[sizeof(T)];
    std::memcpy(raw, &value, sizeof(T));
    bytes_.append(raw, sizeof(T));
  }
  void flag(bool value) { number(static_cast<std::uint8_t>(value)); }
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    bytes_.append(value);
  }
  std::string& bytes() noexcept { return bytes_; }

 private:
  std::string bytes_;
};

/// Reads what Writer wrote. Never reads past the end: after the first value that is not there, ok() is false and all
/// further values are zero or empty.
class Reader {
 public:
  explicit Reader(std::string_view bytes) noexcept : rest_(bytes) {}

  template <class T>
  T number() noexcept {
    static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>);
    T value{};
    if (rest_.size() < sizeof(T)) {
      fail();
      return value;
    }
    std::memcpy(&value, rest_.data(), sizeof(T));
    rest_.remove_prefix(sizeof(T));
    return value;
  }
  bool flag() noexcept { return number<std::uint8_t>() != 0; }
  std::string text() { return std::string(text_in_place()); }
  /// The same text, where it lies.
  std::string_view text_in_place() noexcept { return bytes(number<std::uint32_t>()); }
  /// The next so many bytes, where they lie.
  std::string_view bytes(std::size_t size) noexcept {
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
  }
  bool ok() const noexcept { return ok_; }
  bool at_end() const noexcept { return rest_.empty(); }
  std::size_t left() const noexcept { return rest_.size(); }

 private:
  void fail() noexcept {
    ok_ = false;
    rest_ = {};
  }
  std::string_view rest_;
  bool ok_ = true;
};

static_assert(std::endian::native == std::endian::little, "the formats are little-endian; swap bytes here for others");

/// The largest frame that a reader believes in; a longer one is corruption.
inline constexpr std::uint32_t kLargestFrame = 64U << 20U;

/// One frame: a 32-bit length of what follows, a type byte, a payload.
struct Frame {
  std::uint8_t type = 0;
  std::string_view payload;
};

/// Appends a frame to `out`.
inline void append_frame(std::string& out, std::uint8_t type, std::string_view payload) {
  const auto size = static_cast<std::uint32_t>(payload.size() + 1);
  char raw[sizeof size];
  std::memcpy(raw, &size, sizeof size);
  out.append(raw, sizeof size);
  out.push_back(static_cast<char>(type));
  out.append(payload);
}

/// Appends one frame to `out`: what `put(Writer&)` writes is its payload.
template <class Put>
void append_frame_of(std::string& out, std::uint8_t type, const Put& put) {
  const std::size_t begin = out.size();
  Writer writer(std::move(out));
  writer.number(std::uint32_t{0});
  writer.number(type);
  put(writer);
  out = std::move(writer.bytes());
  const auto size = static_cast<std::uint32_t>(out.size() - begin - sizeof(std::uint32_t));
  std::memcpy(out.data() + begin, &size, sizeof size);
}

/// Cuts frames off a byte stream.
class FrameCutter {
 public:
  /// A frame of a type above `largest_type` is none.
  explicit FrameCutter(std::string_view bytes, std::uint8_t largest_type = UINT8_MAX) noexcept
      : bytes_(bytes), largest_type_(largest_type) {}
  /// The next whole frame; nothing when the rest is not a whole frame, or not a frame at all (corrupt()). What is none
  /// is known by its first five bytes, however long it claims to be.
  std::optional<Frame> next() noexcept {
    std::uint32_t size = 0;
    if (corrupt_ || bytes_.size() - used_ < sizeof size) return std::nullopt;
    std::memcpy(&size, bytes_.data() + used_, sizeof size);
    if (size == 0 || size > kLargestFrame) {
      corrupt_ = true;
      return std::nullopt;
    }
    const std::string_view behind = bytes_.substr(used_ + sizeof size);
    if (!behind.empty() && static_cast<std::uint8_t>(behind.front()) > largest_type_) {
      corrupt_ = true;
      return std::nullopt;
    }
    if (behind.size() < size) return std::nullopt;
    const std::string_view body = bytes_.substr(used_ + sizeof size, size);
    used_ += sizeof size + size;
    return Frame{static_cast<std::uint8_t>(body[0]), body.substr(1)};
  }
  /// How many bytes the frames took so far.
  std::size_t used() const noexcept { return used_; }
  bool corrupt() const noexcept { return corrupt_; }

 private:
  std::string_view bytes_;
  std::uint8_t largest_type_;
  std::size_t used_ = 0;
  bool corrupt_ = false;
};

}  // namespace cleave::plan
