package io.millrace.jms;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The table of chapter 3.11.3: which written type can be read as which. */
final class ConversionTable {
    private static final List<String> READ =
            List.of("boolean", "byte", "short", "char", "int", "long", "float", "double", "String", "byte[]");
    /** As the specification prints it; the columns are the types above. */
    private static final String TABLE =
            """
            boolean | X . . . . . . . X .
            byte    | . X X . X X . . X .
            short   | . . X . X X . . X .
            char    | . . . X . . . . X .
            int     | . . . . X X . . X .
            long    | . . . . . X . . X .
            float   | . . . . . . X X X .
            double  | . . . . . . . X X .
            String  | X X X . X X X X X .
            byte[]  | . . . . . . . . . X
            """;

    private static final Map<String, Object> WRITTEN = new LinkedHashMap<>();

    static {
        WRITTEN.put("boolean", true);
        WRITTEN.put("byte", (byte) -7);
        WRITTEN.put("short", (short) 300);
        WRITTEN.put("char", '\ud800');
        WRITTEN.put("int", 70_000);
        WRITTEN.put("long", 9L);
        WRITTEN.put("float", 1.5f);
        WRITTEN.put("double", 2.5);
        WRITTEN.put("String", "42");
        WRITTEN.put("byte[]", new byte[] {4, 2});
    }

    private ConversionTable() {}

    /**
     * One cell.
     *
     * @param expected null: refused
     */
    record Cell(String writtenType, Object written, String readType, Object expected) {
        @Override
        public String toString() {
            return "a " + writtenType + " read as " + readType + (expected == null ? " is refused" : "");
        }
    }

    static List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        for (String line : TABLE.lines().toList()) {
            String type = line.substring(0, line.indexOf('|')).trim();
            String[] marks = line.substring(line.indexOf('|') + 2).split(" ");
            for (int i = 0; i < marks.length; i++) {
                Object written = WRITTEN.get(type);
                Object expected = marks[i].equals("X") ? converted(written, READ.get(i)) : null;
                cells.add(new Cell(type, written, READ.get(i), expected));
            }
        }
        return cells;
    }

    private static Object converted(Object written, String type) {
        String text = written.toString();
        return switch (type) {
            case "boolean" -> written instanceof Boolean ? written : Boolean.valueOf(text);
            case "byte" -> Byte.valueOf(text);
            case "short" -> Short.valueOf(text);
            case "int" -> Integer.valueOf(text);
            case "long" -> Long.valueOf(text);
            case "float" -> Float.valueOf(text);
            case "double" -> Double.valueOf(text);
            case "String" -> text;
            default -> written;
        };
    }
}
