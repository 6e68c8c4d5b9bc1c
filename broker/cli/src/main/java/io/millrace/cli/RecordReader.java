package io.millrace.cli;

import io.millrace.client.ProducerRecord;

/** How a line is read that is to be sent. */
interface RecordReader {

    /** @throws CommandFailedException where the line is no record; says what would be one */
    ProducerRecord read(String line);
}
