package io.millrace.client;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AlarmTest {
    private final DefaultEventLoop loop = new DefaultEventLoop();
    private final AtomicInteger rings = new AtomicInteger();
    private final CountDownLatch rung = new CountDownLatch(1);
    private final Alarm alarm = new Alarm(loop, () -> {
        rings.incrementAndGet();
        rung.countDown();
    });

    @AfterEach
    void endLoop() throws Exception {
        loop.shutdownGracefully(0, 1, SECONDS).get(10, SECONDS);
    }

    @Test
    void anEarlierTimeCounts() throws Exception {
        loop.submit(() -> {
                    alarm.noLaterThan(System.nanoTime() + HOURS.toNanos(1));
                    alarm.noLaterThan(System.nanoTime());
                })
                .get(10, SECONDS);

        assertThat(rung.await(10, SECONDS)).isTrue();
    }

    @Test
    void aLaterTimeIsDropped() throws Exception {
        loop.submit(() -> {
                    alarm.noLaterThan(System.nanoTime());
                    alarm.noLaterThan(System.nanoTime() + MILLISECONDS.toNanos(10));
                })
                .get(10, SECONDS);

        assertThat(rung.await(10, SECONDS)).isTrue();
        assertThat(loop.schedule(rings::get, 100, MILLISECONDS).get(10, SECONDS))
                .isOne();
    }

    @Test
    void afterItHasRungItIsSetAnew() throws Exception {
        loop.submit(() -> alarm.noLaterThan(System.nanoTime())).get(10, SECONDS);
        assertThat(rung.await(10, SECONDS)).isTrue();

        loop.submit(() -> alarm.noLaterThan(System.nanoTime())).get(10, SECONDS);

        assertThat(loop.schedule(rings::get, 100, MILLISECONDS).get(10, SECONDS))
                .isEqualTo(2);
    }
}
