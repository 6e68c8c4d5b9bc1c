package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.stream.Stream;

/**
 * The APIs and their versions that a client may use, and the features of the cluster.
 *
 * <p>A request of a version above ours is answered in version 0 with UNSUPPORTED_VERSION and the range of this API alone; the
 * client then asks again. Features are for clients that understand them: {@code supportedFeatures} with a least version of 0
 * must be left out below version 4.
 */
public record ApiVersionsResponse(
        ErrorCode errorCode,
        List<ApiVersion> apiKeys,
        int throttleTimeMs,
        List<SupportedFeature> supportedFeatures,
        long finalizedFeaturesEpoch,
        List<FinalizedFeature> finalizedFeatures,
        boolean zkMigrationReady)
        implements Response {
    public record ApiVersion(short apiKey, short minVersion, short maxVersion) {
        static final Schema<ApiVersion> SCHEMA = Schema.of(ApiVersion.class)
                .field("apiKey", INT16)
                .field("minVersion", INT16)
                .field("maxVersion", INT16)
                .build();

        static ApiVersion of(ApiKey api) {
            return new ApiVersion(api.id(), api.advertisedFirst(), api.last());
        }
    }

    public record SupportedFeature(String name, short minVersion, short maxVersion) {
        static final Schema<SupportedFeature> SCHEMA = Schema.of(SupportedFeature.class)
                .field("name", STRING)
                .field("minVersion", INT16)
                .field("maxVersion", INT16)
                .build();
    }

    public record FinalizedFeature(String name, short maxVersionLevel, short minVersionLevel) {
        static final Schema<FinalizedFeature> SCHEMA = Schema.of(FinalizedFeature.class)
                .field("name", STRING)
                .field("maxVersionLevel", INT16)
                .field("minVersionLevel", INT16)
                .build();
    }

    public static final Schema<ApiVersionsResponse> SCHEMA = Schema.of(ApiVersionsResponse.class)
            .field("errorCode", ERROR_CODE)
            .field("apiKeys", listOf(ApiVersion.SCHEMA))
            .field("throttleTimeMs", INT32.since(1))
            .field("supportedFeatures", listOf(SupportedFeature.SCHEMA).since(3).tag(0))
            .field("finalizedFeaturesEpoch", INT64.since(3).tag(1).orElse(-1L))
            .field("finalizedFeatures", listOf(FinalizedFeature.SCHEMA).since(3).tag(2))
            .field("zkMigrationReady", BOOL.since(3).tag(3))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.API_VERSIONS;
    }

    /** The answer to a request whose version is above ours; to be sent in version 0. */
    public static ApiVersionsResponse unsupportedVersion() {
        return new ApiVersionsResponse(
                ErrorCode.UNSUPPORTED_VERSION,
                List.of(ApiVersion.of(ApiKey.API_VERSIONS)),
                0,
                List.of(),
                -1,
                List.of(),
                false);
    }

    /** Our APIs without any feature. Our own ones would mean nothing to a foreign client and are hidden from it. */
    public static ApiVersionsResponse to(ApiVersionsRequest request) {
        var ranges = Stream.of(ApiKey.values())
                .filter(api -> !api.isOwn() || request.isFromOwnClient())
                .map(ApiVersion::of)
                .toList();
        return new ApiVersionsResponse(ErrorCode.NONE, ranges, 0, List.of(), -1, List.of(), false);
    }
}
