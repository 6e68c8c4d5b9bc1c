package io.millrace.cli;

/** A command that serves until the process is told to stop; its log is part of what it shows. */
interface ServerCommand extends Runnable {}
