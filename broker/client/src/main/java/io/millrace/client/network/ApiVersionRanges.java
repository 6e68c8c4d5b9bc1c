package io.millrace.client.network;

import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ApiVersionsResponse;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalInt;

/** The versions of each API that both sides know. Immutable. */
final class ApiVersionRanges {
    /** What is known of a peer that was not asked yet: it answers the question itself. */
    static final ApiVersionRanges UNKNOWN = new ApiVersionRanges(Map.of());

    /** What both sides know of an API. */
    private record Range(int first, int last) {}

    private final Map<ApiKey, Range> common;

    private ApiVersionRanges(Map<ApiKey, Range> common) {
        this.common = common;
    }

    static ApiVersionRanges of(ApiVersionsResponse response) {
        var common = new EnumMap<ApiKey, Range>(ApiKey.class);
        for (ApiVersionsResponse.ApiVersion theirs : response.apiKeys()) {
            ApiKey.of(theirs.apiKey()).ifPresent(api -> {
                int first = Math.max(api.first(), theirs.minVersion());
                int last = Math.min(api.last(), theirs.maxVersion());
                if (first <= last) {
                    common.put(api, new Range(first, last));
                }
            });
        }
        return new ApiVersionRanges(common);
    }

    boolean offers(ApiKey api) {
        return common.containsKey(api);
    }

    /** The version to use, if there is one. */
    OptionalInt versionOf(ApiKey api) {
        return versionOf(api, Integer.MAX_VALUE);
    }

    /** The version to use that is at most the one given, if there is one. */
    OptionalInt versionOf(ApiKey api, int versionMax) {
        Range range = common.get(api);
        return range == null || versionMax < range.first()
                ? OptionalInt.empty()
                : OptionalInt.of(Math.min(range.last(), versionMax));
    }
}
