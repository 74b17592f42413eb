from portal.copies.controllers.copies import CopyController, StaffCopyController
from portal.copies.controllers.public import VerifyController

CONTROLLERS = (CopyController, StaffCopyController, VerifyController)
