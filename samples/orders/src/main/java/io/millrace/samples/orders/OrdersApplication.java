package io.millrace.samples.orders;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** The REST resources stand at the application's root. */
@ApplicationPath("/api")
public class OrdersApplication extends Application {}
