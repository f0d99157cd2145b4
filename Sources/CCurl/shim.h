#pragma once
#include <curl/curl.h>

// Swift cannot call variadic C functions, and curl's options and facts are all set and read by
// variadic ones. One wrapper stands here for each type of argument, and nothing else. The names in
// parentheses get round the type-checking macros of the same name in curl's typecheck-gcc.h, which
// only work where the option is a constant.

// For options of type `long` (CURLOPTTYPE_LONG).
static inline CURLcode curl_easy_setopt_long(CURL *easy, CURLoption option, long value) {
    return (curl_easy_setopt)(easy, option, value);
}

// For options of type `curl_off_t` (CURLOPTTYPE_OFF_T).
static inline CURLcode curl_easy_setopt_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(easy, option, value);
}

// For options that take a C string, which curl copies (CURLOPTTYPE_STRINGPOINT).
static inline CURLcode curl_easy_setopt_text(CURL *easy, CURLoption option, const char *value) {
    return (curl_easy_setopt)(easy, option, value);
}

// For options that take a pointer which curl keeps or copies from (CURLOPTTYPE_CBPOINT, OBJECTPOINT).
static inline CURLcode curl_easy_setopt_pointer(CURL *easy, CURLoption option, const void *value) {
    return (curl_easy_setopt)(easy, option, value);
}

// For CURLOPT_HTTPHEADER, which keeps the list without copying it (CURLOPTTYPE_SLISTPOINT).
static inline CURLcode curl_easy_setopt_list(
    CURL *easy, CURLoption option, struct curl_slist *value) {
    return (curl_easy_setopt)(easy, option, value);
}

// For CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION, whose callbacks have one shape.
static inline CURLcode curl_easy_setopt_receiver(
    CURL *easy, CURLoption option, size_t (*value)(char *, size_t, size_t, void *)) {
    return (curl_easy_setopt)(easy, option, value);
}

// For facts of type `long` (CURLINFO_LONG).
static inline CURLcode curl_easy_getinfo_long(CURL *easy, CURLINFO fact, long *value) {
    return (curl_easy_getinfo)(easy, fact, value);
}

// For facts of type `curl_off_t` (CURLINFO_OFF_T).
static inline CURLcode curl_easy_getinfo_offset(CURL *easy, CURLINFO fact, curl_off_t *value) {
    return (curl_easy_getinfo)(easy, fact, value);
}

// For facts that are C strings owned by the handle (CURLINFO_STRING).
static inline CURLcode curl_easy_getinfo_text(CURL *easy, CURLINFO fact, char **value) {
    return (curl_easy_getinfo)(easy, fact, value);
}

// For CURLINFO_CERTINFO, a list that the handle owns.
static inline CURLcode curl_easy_getinfo_certificates(CURL *easy, struct curl_certinfo **value) {
    return (curl_easy_getinfo)(easy, CURLINFO_CERTINFO, value);
}

// For options of a multi handle of type `long`.
static inline CURLMcode curl_multi_setopt_long(CURLM *multi, CURLMoption option, long value) {
    return (curl_multi_setopt)(multi, option, value);
}
