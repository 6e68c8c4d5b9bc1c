package io.millrace.samples.activitytracking;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** The REST resources stand under {@code api}. */
@ApplicationPath("/api")
public class ActivityTrackingApplication extends Application {}
