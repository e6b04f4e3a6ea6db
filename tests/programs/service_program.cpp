// A server to start and stop: `service_program PORT DELAY_MS` listens on 127.0.0.1 after the delay, answers every
// connection with "HTTP/1.1 200 OK", and says on stdout what it does. Ends with status 0 on SIGTERM, and with 3 when
// the port is taken.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  ::signal(SIGTERM, [](int) { ::_exit(0); });
  ::setvbuf(stdout, nullptr, _IONBF, 0);
  std::printf("starting\n");
  ::usleep(static_cast<useconds_t>(std::atoi(argv[2])) * 1000);
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::perror("bind");
    return 3;
  }
  ::listen(server, 16);
  std::printf("listening\n");
  while (true) {
    const int client = ::accept4(server, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    char request[4096];
    if (::recv(client, request, sizeof request, 0) > 0) {
      constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nready";
      ::send(client, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
    }
    ::close(client);
  }
}
