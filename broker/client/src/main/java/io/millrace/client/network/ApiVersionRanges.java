package io.millrace.client.network;

import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ApiVersionsResponse;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalInt;

/** The highest version of each API that both sides know. Immutable. */
final class ApiVersionRanges {
    /** What is known of a peer that was not asked yet: it answers the question itself. */
    static final ApiVersionRanges UNKNOWN = new ApiVersionRanges(Map.of());

    private final Map<ApiKey, Integer> highestCommon;

    private ApiVersionRanges(Map<ApiKey, Integer> highestCommon) {
        this.highestCommon = highestCommon;
    }

    static ApiVersionRanges of(ApiVersionsResponse response) {
        var highestCommon = new EnumMap<ApiKey, Integer>(ApiKey.class);
        for (ApiVersionsResponse.ApiVersion theirs : response.apiKeys()) {
            ApiKey.of(theirs.apiKey()).ifPresent(api -> {
                int version = Math.min(api.last(), theirs.maxVersion());
                if (version >= Math.max(api.first(), theirs.minVersion())) {
                    highestCommon.put(api, version);
                }
            });
        }
        return new ApiVersionRanges(highestCommon);
    }

    boolean offers(ApiKey api) {
        return highestCommon.containsKey(api);
    }

    /** The version to use, if there is one. */
    OptionalInt versionOf(ApiKey api) {
        Integer version = highestCommon.get(api);
        return version == null ? OptionalInt.empty() : OptionalInt.of(version);
    }
}
