package io.millrace.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.KafkaFrames.Kind;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ErrorResponseTest {
    private static Stream<Kind> requests() {
        return FrameConformanceTest.kinds().filter(Kind::request);
    }

    @ParameterizedTest
    @MethodSource("requests")
    void everyRequestCanBeRefusedInItsVersion(Kind kind) {
        long seed = System.nanoTime();
        var samples = new KafkaSamples(new Random(seed));
        var answer = new Kind(kind.api(), false, kind.version());

        for (int i = 0; i < 20; i++) {
            ApiMessage sample = samples.message(kind.api(), true, kind.version());
            byte[] frame = KafkaFrames.write(kind, sample);
            var request = (Request) MillraceFrames.read(kind, Unpooled.wrappedBuffer(frame));

            Response response = request.errorResponse(ErrorCode.REQUEST_TIMED_OUT);

            ApiMessage theirs = KafkaFrames.read(answer, MillraceFrames.write(answer, response));
            assertThat(response.apiKey()).isEqualTo(kind.api());
            assertThat(response.throttleTimeMs()).isZero();
            // Only requests for a list of things, when the list is empty, have nothing to refuse.
            assertThat(theirs.toString())
                    .as("seed %d, %s", seed, sample)
                    .matches(text -> text.contains("rrorCode=7") || isAboutNothing(sample));
        }
    }

    private static boolean isAboutNothing(ApiMessage sample) {
        String text = sample.toString();
        return text.contains("=[]") || text.contains("=null") || text.contains("ollection([])");
    }

    @Test
    void aRequestForOneCoordinatorIsAnsweredInItsShape() {
        var one = new FindCoordinatorRequest("group", FindCoordinatorRequest.GROUP, List.of());
        var many = new FindCoordinatorRequest("", FindCoordinatorRequest.GROUP, List.of("a", "b"));

        var toOne = FindCoordinatorResponse.to(one, key -> FindCoordinatorResponse.Coordinator.at(key, 1, "h", 9092));
        var toMany = FindCoordinatorResponse.to(many, key -> FindCoordinatorResponse.Coordinator.at(key, 1, "h", 9092));

        assertThat(toOne.nodeId()).isOne();
        assertThat(toOne.coordinators()).isEmpty();
        assertThat(toOne.found("group")).extracting("key").containsExactly("group");
        assertThat(toMany.found("")).extracting("key").containsExactly("a", "b");
        assertThat(toMany.nodeId()).isZero();
    }

    @Test
    void aVersionOfApiVersionsAboveOursIsToldOurRange() {
        var kind = new Kind(ApiKey.API_VERSIONS, false, 0);

        byte[] frame = MillraceFrames.write(kind, ApiVersionsResponse.unsupportedVersion());

        var theirs = (ApiVersionsResponseData) KafkaFrames.read(kind, frame);
        assertThat(theirs.errorCode()).isEqualTo(ErrorCode.UNSUPPORTED_VERSION.code());
        assertThat(theirs.apiKeys()).hasSize(1);
        assertThat(theirs.apiKeys().find(ApiKey.API_VERSIONS.id()).maxVersion()).isEqualTo((short) 5);
    }

    @Test
    void ownApisAreHiddenFromForeignClients() {
        var foreign = ApiVersionsResponse.to(new ApiVersionsRequest("librdkafka", "2.0.2", null, -1));
        var own = ApiVersionsResponse.to(new ApiVersionsRequest("millrace", "0.1.0", null, -1));

        assertThat(foreign.apiKeys()).isNotEmpty().noneMatch(api -> api.apiKey() >= ApiKey.OWN_ID_MIN);
        assertThat(own.apiKeys()).hasSize(ApiKey.values().length);
        assertThat(foreign.apiKeys())
                .filteredOn(api -> api.apiKey() == ApiKey.PRODUCE.id())
                .allMatch(api -> api.minVersion() == 0 && api.maxVersion() == 13);
    }
}
