package io.millrace.samples.metrics;

/** One value of one metric of one server, as it travels: JSON in the message, whose timestamp says when it was read. */
public class Reading {
    private String host;
    private String metric;
    private double value;

    /** For JSON. */
    public Reading() {}

    Reading(String host, String metric, double value) {
        this.host = host;
        this.metric = metric;
        this.value = value;
    }

    public String getHost() {
        return host;
    }

    public void setHost(String host) {
        this.host = host;
    }

    public String getMetric() {
        return metric;
    }

    public void setMetric(String metric) {
        this.metric = metric;
    }

    public double getValue() {
        return value;
    }

    public void setValue(double value) {
        this.value = value;
    }

    /** What both topics are keyed by: readings of one metric stay in order, and the compacted topic keeps the last. */
    String key() {
        return host + "/" + metric;
    }

    boolean isUsable() {
        return host != null && metric != null && Double.isFinite(value);
    }
}
