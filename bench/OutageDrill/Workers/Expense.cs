namespace OutageDrill.Workers;

/// <summary>How much a worker has logged, and how much CPU time it has used.</summary>
readonly record struct Expense(int LogLines, long LogBytes, double CpuSeconds)
{
    public static Expense operator +(Expense left, Expense right) =>
        new(left.LogLines + right.LogLines, left.LogBytes + right.LogBytes, left.CpuSeconds + right.CpuSeconds);

    public static Expense operator -(Expense left, Expense right) =>
        new(left.LogLines - right.LogLines, left.LogBytes - right.LogBytes, left.CpuSeconds - right.CpuSeconds);
}
