# expect: fail
# A time zone of its own making, whose offset is an object, and subclasses of date that equal everything.
import datetime
class Zone(datetime.tzinfo):
    def utcoffset(self, when): return datetime.timedelta(0)
    def __eq__(self, other): return True
class Day(datetime.date):
    def __eq__(self, other): return True
    __hash__ = datetime.date.__hash__
def add(a, b): return [datetime.datetime(1, 1, 1, tzinfo=Zone()), Day(1, 1, 1), datetime.datetime.max][a % 3]
