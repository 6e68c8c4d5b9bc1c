package io.millrace.samples.metrics;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** The REST resources stand under {@code api}. */
@ApplicationPath("/api")
public class MetricsApplication extends Application {}
