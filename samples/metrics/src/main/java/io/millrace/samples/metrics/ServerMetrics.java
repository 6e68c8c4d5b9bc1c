package io.millrace.samples.metrics;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the platform knows of this server. */
final class ServerMetrics {
    private static final double MEBIBYTE = 1024 * 1024;

    private ServerMetrics() {}

    /** Values by the names of their metrics, which name their units. */
    static Map<String, Double> read() {
        var values = new LinkedHashMap<String, Double>();
        var memory = ManagementFactory.getMemoryMXBean();
        values.put("heap.used.mib", memory.getHeapMemoryUsage().getUsed() / MEBIBYTE);
        values.put("nonheap.used.mib", memory.getNonHeapMemoryUsage().getUsed() / MEBIBYTE);
        values.put("threads", (double) ManagementFactory.getThreadMXBean().getThreadCount());
        values.put("gc.time.ms", (double) ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                .sum());
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        if (load >= 0) { // else the system does not tell
            values.put("system.load", load);
        }
        return values;
    }
}
