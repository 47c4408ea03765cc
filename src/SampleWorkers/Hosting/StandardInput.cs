namespace SampleWorkers.Hosting;

static class StandardInput
{
    /// <summary>Calls back when standard input ends: when a parent process closes it, or has ended.</summary>
    public static void WhenEnded(Action ended)
    {
        var reader = new Thread(() =>
        {
            Console.OpenStandardInput().CopyTo(Stream.Null);
            ended();
        });
        reader.IsBackground = true; // The read may never return.
        reader.Start();
    }
}
