package io.millrace.benchmarks.jms;

import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Measured;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.List;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NamingException;

/**
 * One pass of a row, with whatever provider the class path has. It warms up, measures, and prints its figures on lines that begin with {@link #FIGURE} and
 * {@link #CPU}.
 */
public final class JmsProgram {
    static final String FIGURE = "@figure ";
    static final String CPU = "@cpu ";

    private static final double WARM_UP_SIZE = 0.3;

    private JmsProgram() {}

    /**
     * @param arguments class of the initial context factory, address, name of the row, size, label, process ids of the brokers
     */
    public static void main(String[] arguments) throws NamingException, JMSException, InterruptedException {
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        Row row = Rows.named(arguments[2]);
        double size = Double.parseDouble(arguments[3]);
        String label = arguments[4];
        List<ProcessHandle> brokers = Arrays.stream(arguments, 5, arguments.length)
                .map(pid -> ProcessHandle.of(Long.parseLong(pid)).orElseThrow())
                .toList();
        ConnectionFactory factory = factory(arguments[0], arguments[1]);
        try (var provider = new Provider(factory, brokers)) {
            row.run(provider, new Effort(size * WARM_UP_SIZE, label + "-warm-up"));
        }
        System.gc(); // what the warm-up leaves behind is not collected in what is measured
        try (var provider = new Provider(factory, brokers)) {
            print(out, row.run(provider, new Effort(size, label)));
        }
        System.exit(0); // threads of a client do not keep the program from ending
    }

    private static ConnectionFactory factory(String contextFactory, String address) throws NamingException {
        var environment = new Hashtable<String, String>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, contextFactory);
        environment.put("connectionFactory.ConnectionFactory", address);
        return (ConnectionFactory) new InitialContext(environment).lookup("ConnectionFactory");
    }

    private static void print(PrintStream out, Measured measured) {
        for (Measured.Figure figure : measured.figures()) {
            out.println(FIGURE + figure.value() + " " + figure.isMoreBetter() + " " + figure.what());
        }
        out.println(CPU + measured.cpuSeconds());
    }

    /** @throws IllegalStateException where the lines have no figures */
    static Measured parse(List<String> lines) {
        List<Measured.Figure> figures = new ArrayList<>();
        double cpu = Double.NaN;
        for (String line : lines) {
            if (line.startsWith(FIGURE)) {
                String[] parts = line.substring(FIGURE.length()).split(" ", 3);
                figures.add(
                        new Measured.Figure(parts[2], Double.parseDouble(parts[0]), Boolean.parseBoolean(parts[1])));
            } else if (line.startsWith(CPU)) {
                cpu = Double.parseDouble(line.substring(CPU.length()));
            }
        }
        if (figures.isEmpty() || Double.isNaN(cpu)) {
            throw new IllegalStateException("the program ended without figures");
        }
        return new Measured(figures, cpu);
    }
}
