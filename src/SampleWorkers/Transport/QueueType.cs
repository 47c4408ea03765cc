namespace SampleWorkers.Transport;

enum QueueType
{
    Classic,
    Quorum,
}
