package io.millrace.samples.streamprocessing;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** The REST resources stand under {@code api}. */
@ApplicationPath("/api")
public class StreamProcessingApplication extends Application {}
