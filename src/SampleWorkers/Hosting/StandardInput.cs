namespace SampleWorkers.Hosting;

static class StandardInput
{
    /// <summary>Calls back when the standard input ends: when a parent process closes its end of it, or is no more.</summary>
    public static void WhenEnded(Action ended)
    {
        var reader = new Thread(() =>
        {
            Console.OpenStandardInput().CopyTo(Stream.Null);
            ended();
        });
        reader.IsBackground = true; // It may read for ever.
        reader.Start();
    }
}
