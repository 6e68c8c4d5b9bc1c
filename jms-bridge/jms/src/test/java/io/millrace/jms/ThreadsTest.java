package io.millrace.jms;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ThreadsTest {

    @Test
    void aThreadThatADefectEndsSaysSo() {
        List<JMSException> told = new CopyOnWriteArrayList<>();
        Thread thread = Threads.newDaemon(
                "millrace-defect",
                () -> {
                    throw new AssertionError("impossible");
                },
                told::add);

        thread.start();
        Threads.join(thread, Duration.ofSeconds(10));

        assertThat(told).hasSize(1);
        assertThat(told.get(0)).hasMessageContaining("millrace-defect").hasMessageContaining("impossible");
    }

    @Test
    void joiningIsBounded() {
        var release = new CountDownLatch(1);
        Thread thread = Threads.newDaemon(
                "millrace-waiting",
                () -> {
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                failure -> {});
        thread.start();

        Threads.join(thread, Duration.ofMillis(10));

        assertThat(thread.isAlive()).isTrue();
        release.countDown();
        Threads.join(thread, Duration.ofSeconds(10));
        assertThat(thread.isAlive()).isFalse();
    }
}
