from geventim.client.steps.effects import Compute, Labour
from geventim.client.steps.workshop import Workshop


def test_work_is_handed_out_once():
    workshop = Workshop()
    results = []
    workshop.hand_out(Compute(Labour.SEALING, lambda: 3), results.append, print)
    (work,) = workshop.take()
    work.resume(work.wish.call())
    assert results == [3]
    assert workshop.take() == []
