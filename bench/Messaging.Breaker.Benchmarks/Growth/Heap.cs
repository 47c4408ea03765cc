namespace Messaging.Breaker.Benchmarks.Growth;

static class Heap
{
    /// <summary>Bytes on the heap after a full collection.</summary>
    public static double Measure()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, true, true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(true);
    }
}
