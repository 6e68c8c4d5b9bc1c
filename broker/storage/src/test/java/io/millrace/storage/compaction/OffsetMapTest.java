package io.millrace.storage.compaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OffsetMapTest {

    private static ByteBuf key(Object text) {
        return Unpooled.copiedBuffer(String.valueOf(text), StandardCharsets.UTF_8);
    }

    @Test
    void aFullMapAnswersAsAnyMapDoes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        OffsetMap map = new OffsetMap(OffsetMap.bytesFor(1_000));
        Map<Integer, Long> model = new HashMap<>();

        for (long offset = 0; map.room() > 0; offset++) {
            int key = random.nextInt(2_000);
            map.put(key(key), offset);
            model.put(key, offset);
        }

        assertThat(model).hasSizeGreaterThanOrEqualTo(1_000);
        assertThat(map.size()).isEqualTo(model.size());
        for (int key = 0; key < 2_000; key++) {
            assertThat(map.offsetOf(key(key)))
                    .as("key %d, seed %d", key, seed)
                    .isEqualTo(model.getOrDefault(key, OffsetMap.NONE));
        }
    }

    @Test
    void theGreatestOffsetCounts() {
        OffsetMap map = new OffsetMap(1_000);

        map.put(key("a"), 7);
        map.put(key("a"), 3);
        map.put(key(""), 0);

        assertThat(map.offsetOf(key("a"))).isEqualTo(7);
        assertThat(map.offsetOf(key(""))).isZero();
        assertThat(map.size()).isEqualTo(2);
    }

    @Test
    void aFullMapTakesNoNewKey() {
        OffsetMap map = new OffsetMap(0);
        map.put(key("a"), 1);

        assertThat(map.room()).isZero();
        map.put(key("a"), 2);
        assertThatThrownBy(() -> map.put(key("b"), 3))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("1 keys");
        assertThat(map.offsetOf(key("a"))).isEqualTo(2);
    }
}
