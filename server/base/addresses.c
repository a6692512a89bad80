#define _DEFAULT_SOURCE /* getifaddrs, IFF_... */
#include "addresses.h"

#include "origin.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

static bool is_virtual(const char *name) {
    static const char *const prefixes[] = {"docker", "br-",     "veth", "virbr", "vmnet", "vboxnet",
                                           "cni",    "flannel", "lxc",  "lxd",   "podman"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    }
    return false;
}

/* Socket addresses come as the general type; copying avoids assuming its alignment. */
static struct in_addr ipv4_of(const struct sockaddr *address) {
    struct sockaddr_in in;
    memcpy(&in, address, sizeof in);
    return in.sin_addr;
}

static struct in6_addr ipv6_of(const struct sockaddr *address) {
    struct sockaddr_in6 in6;
    memcpy(&in6, address, sizeof in6);
    return in6.sin6_addr;
}

bool addresses_reachable(const struct sockaddr *address, const char *name, unsigned flags) {
    if (address == NULL || is_virtual(name) || (flags & IFF_LOOPBACK) != 0 ||
        (flags & (IFF_UP | IFF_RUNNING)) != (IFF_UP | IFF_RUNNING))
        return false;
    if (address->sa_family == AF_INET) {
        uint32_t ip = ntohl(ipv4_of(address).s_addr);
        return ip >> 24 != 127 && ip >> 16 != 0xA9FE; /* 169.254/16, RFC 3927 */
    }
    if (address->sa_family != AF_INET6)
        return false;
    struct in6_addr ip = ipv6_of(address);
    return !IN6_IS_ADDR_LINKLOCAL(&ip) && !IN6_IS_ADDR_LOOPBACK(&ip);
}

bool addresses_format(const struct sockaddr *address, const char *scheme, uint16_t port,
                      char url[ADDRESSES_URL_BYTES_MAX]) {
    char ip[INET6_ADDRSTRLEN];
    struct in_addr ipv4;
    struct in6_addr ipv6;
    const char *text = NULL;
    if (address->sa_family == AF_INET) {
        ipv4 = ipv4_of(address);
        text = inet_ntop(AF_INET, &ipv4, ip, sizeof ip);
    } else if (address->sa_family == AF_INET6) {
        ipv6 = ipv6_of(address);
        text = inet_ntop(AF_INET6, &ipv6, ip, sizeof ip);
    }
    if (text == NULL)
        return false;
    bool brackets = address->sa_family == AF_INET6;
    snprintf(url, ADDRESSES_URL_BYTES_MAX, "%s://%s%s%s:%u/", scheme, brackets ? "[" : "", text,
             brackets ? "]" : "", port);
    return true;
}

/* Prints the addresses of one family; how many of |shown_max| were printed. */
static size_t print_family(FILE *out, const struct ifaddrs *list, sa_family_t family,
                           const char *scheme, uint16_t port, size_t shown_max) {
    size_t shown = 0;
    char url[ADDRESSES_URL_BYTES_MAX];
    for (; list != NULL && shown < shown_max; list = list->ifa_next) {
        if (!addresses_reachable(list->ifa_addr, list->ifa_name, list->ifa_flags) ||
            list->ifa_addr->sa_family != family ||
            !addresses_format(list->ifa_addr, scheme, port, url))
            continue;
        fprintf(out, "  To invite with:    %s\n", url);
        shown++;
    }
    return shown;
}

static void print_network(FILE *out, const char *scheme, uint16_t port) {
    struct ifaddrs *list;
    if (getifaddrs(&list) != 0)
        return;
    size_t shown = print_family(out, list, AF_INET, scheme, port, ADDRESSES_SHOWN_MAX);
    print_family(out, list, AF_INET6, scheme, port, ADDRESSES_SHOWN_MAX - shown);
    freeifaddrs(list);
}

void addresses_print(FILE *out, const char *scheme, const char *host, uint16_t port) {
    fputs("\nParley is ready:\n", out);
    if (host == NULL) {
        print_network(out, scheme, port);
        fprintf(out, "  This machine only: %s://localhost:%u/\n", scheme, port);
    } else {
        bool brackets = strchr(host, ':') != NULL;
        fprintf(out, "  %s://%s%s%s:%u/\n", scheme, brackets ? "[" : "", host, brackets ? "]" : "",
                port);
    }
    fputs("\n", out);
    fflush(out);
}

bool addresses_is_loopback(const char *host) {
    if (host == NULL || strchr(host, ':') != NULL)
        return host != NULL && strcmp(host, "::1") == 0;
    return origin_remote_host(slice_of(host)).len == 0;
}
