/** Tests in application servers, against brokers that are processes. */
package io.millrace.container;
