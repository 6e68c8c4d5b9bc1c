package io.millrace.server.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.EncodedRecord;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Bytes;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What those who append are told, whatever goes wrong with others. */
class CoordinatorLogTest {
    private static final RecordFormat<String> FORMAT = new RecordFormat<>() {
        @Override
        public EncodedRecord write(String value) {
            Bytes bytes = Bytes.consume(value.getBytes(StandardCharsets.UTF_8));
            return new EncodedRecord(bytes, bytes);
        }

        @Override
        public Optional<String> read(Bytes key, @Nullable Bytes value) {
            return Optional.of(new String(key.toByteArray(), StandardCharsets.UTF_8));
        }
    };

    private final ManualLoop loop = new ManualLoop();
    private final InMemoryLog replicated = new InMemoryLog(loop);
    private final CoordinatorLog<String> log =
            new CoordinatorLog<>(replicated, FORMAT, Clock.systemUTC(), UnpooledByteBufAllocator.DEFAULT, 1_000);
    private final List<String> told = new ArrayList<>();

    private AppendListener noting(String name) {
        return new AppendListener() {
            @Override
            public void onCommitted() {
                told.add(name + " committed");
            }

            @Override
            public void onRefused(ErrorCode error) {
                told.add(name + " " + error);
            }

            @Override
            public void onUncertain(ErrorCode error) {
                told.add(name + " uncertain " + error);
            }
        };
    }

    private static AppendListener faulty() {
        return new AppendListener() {
            @Override
            public void onCommitted() {
                throw new IllegalStateException("a fault");
            }

            @Override
            public void onRefused(ErrorCode error) {
                throw new IllegalStateException("a fault");
            }

            @Override
            public void onUncertain(ErrorCode error) {
                throw new IllegalStateException("a fault");
            }
        };
    }

    @Test
    void aListenerThatFailsKeepsNoneOfItsBatchFromTheNews() {
        log.append(List.of("a"), faulty());
        log.append(List.of("b"), noting("b"));
        loop.run();
        assertThat(replicated.appendCount()).isEqualTo(1);
        assertThat(told).containsExactly("b committed");
    }

    @Test
    void aListenerThatFailsKeepsNobodyWaitingWhenTheLogIsClosed() {
        replicated.holdCommits();
        log.append(List.of("a"), faulty());
        log.append(List.of("b"), noting("b"));
        loop.run();
        log.append(List.of("c"), noting("c"));
        log.close();
        loop.run();
        assertThat(told).containsExactly("b uncertain NOT_LEADER_OR_FOLLOWER", "c uncertain NOT_LEADER_OR_FOLLOWER");
    }

    @Test
    void aBatchThatCannotBeMadeIsRefusedAndHoldsUpNothing() {
        log.append(
                () -> {
                    throw new IllegalStateException("a fault");
                },
                noting("a"));
        log.append(List.of("b"), noting("b"));
        loop.run();
        log.append(List.of("c"), noting("c"));
        loop.run();
        assertThat(told).containsExactly("a UNKNOWN_SERVER_ERROR", "b committed", "c committed");
        assertThat(log.coveredOffset()).isEqualTo(2);
    }
}
